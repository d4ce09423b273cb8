"""供应链金融: the application over `chaincode.supply_finance`."""
