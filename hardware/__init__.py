"""What a workshop needs to build a unit and a station harness; none of it runs on the device."""
