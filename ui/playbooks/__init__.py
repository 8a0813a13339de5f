"""The playbook in the case column: the step that is next, what it lacks, and how the others stand."""
