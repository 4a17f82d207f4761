//! Programs a reader can run.
