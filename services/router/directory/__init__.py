"""Who is responsible where: areas, units and people on duty."""
