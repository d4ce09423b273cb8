"""What applications hand out: PDF/A with fonts that hold every character, and the parts of the chain for a proof."""
