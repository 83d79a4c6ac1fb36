"""How facts get there, once in effect; knows no case, unit or rule."""
