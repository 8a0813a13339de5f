"""Reading and writing in other languages, in a worker process, with a check of what must survive."""
