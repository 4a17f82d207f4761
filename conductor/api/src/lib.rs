//! The APIs of the conductor.
