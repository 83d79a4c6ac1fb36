"""What it takes to run casegrid: images, charts, dashboards, and a local stack of real servers."""
