//! The bus inside this process.
