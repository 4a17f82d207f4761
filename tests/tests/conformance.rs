//! The conformance suite against every transport.

use rpc_tests::conformance;

conformance!(memory, rpc_tests::conformance::Fixture::memory);
conformance!(unix, rpc_tests::conformance::Fixture::unix);
conformance!(tcp, rpc_tests::conformance::Fixture::tcp);
conformance!(rabbit, rpc_tests::conformance::Fixture::rabbit);
