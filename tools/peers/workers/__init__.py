"""Programs the drivers beside this folder start: each loads one library in a process of its own."""
