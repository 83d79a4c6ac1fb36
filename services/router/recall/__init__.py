"""After the router's database was restored: the cases are again what their published events made of them."""
