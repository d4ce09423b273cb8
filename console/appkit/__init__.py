"""Pages of applications made of kinds: forms, dialogs, lists, panels, the page; each with its way out by hand."""
