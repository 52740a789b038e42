//! The whole of Dripline, from outside.

mod method_vectors;
