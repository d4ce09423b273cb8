"""制造溯源: goods from supplier to consumer, EPCIS 2.0 events, recalls that miss nothing."""
