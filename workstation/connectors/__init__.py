"""One folder for each outside system: HTTP or mail in `client`, pure wire↔model in `mapper`."""
