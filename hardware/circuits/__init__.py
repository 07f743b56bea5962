"""The circuits: netlists, their drawings, their simulations, the bill of materials."""
