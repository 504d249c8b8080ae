"""The tests of r1plan; the folders mirror the rooms."""
