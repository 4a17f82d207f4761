//! What every transport must do: one suite of cases, each a function over a [`Fixture`].
//!
//! [`conformance!`](crate::conformance!) runs all of them against one kind of transport. The cases know the
//! `Transport` trait and nothing of what is behind it; where kinds of transports rightly differ, the fixture's
//! [`Traits`] say so.

pub mod closing;
pub mod delivery;
pub mod expiry;
mod fixture;
pub mod replies;
pub mod routing;
pub mod settling;

pub use fixture::{Collector, Fixture, Traits, body, message, route, soon};

use std::future::Future;
use std::time::Duration;

/// A case that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Makes a fixture and runs a case with it.
pub async fn run<F, C>(fixture: impl Future<Output = Fixture>, case: F)
where
    F: FnOnce(Fixture) -> C,
    C: Future<Output = ()>,
{
    let case = async { case(fixture.await).await };
    let finished = tokio::time::timeout(LIMIT, case).await;
    assert!(finished.is_ok(), "the case did not end within {LIMIT:?}");
}

/// A module with one test for each case, against the transports that `$fixture` makes.
#[macro_export]
macro_rules! conformance {
    ($transport:ident, $fixture:path) => {
        $crate::conformance! { @ $transport, $fixture;
            delivery {
                reaches_a_topic,
                reaches_one_server_and_no_other,
                competing_listeners_share,
                busy_listeners_are_passed_over,
                fanout_reaches_every_server,
                fanout_ignores_the_exchange,
                headers_travel,
                bodies_of_every_size_arrive_unchanged,
                nothing_is_lost_repeated_or_reordered,
                concurrent_senders_lose_nothing,
                a_server_sends_to_itself,
            }
            routing {
                mandatory_to_nobody_is_unroutable,
                otherwise_what_nobody_gets_is_lost,
                fanout_to_nobody_is_lost,
                messages_wait_for_a_server_to_come_back,
                exchanges_scope_topics,
                unusual_names_arrive,
                impossible_names_are_refused,
            }
            settling {
                unsettled_deliveries_are_bounded,
                rejected_messages_do_not_return,
                dropped_receipts_return_the_message_in_order,
                dropped_listeners_return_their_messages,
                stopped_listeners_get_nothing_more,
                deliveries_can_be_settled_after_the_stop,
                what_was_not_received_returns_after_the_stop,
            }
            replies {
                replies_reach_the_address,
                an_address_opens_whoever_waits_for_it,
                replies_go_to_the_right_client,
                replies_to_nobody_are_unroutable,
                a_closed_client_gets_no_replies,
                many_and_large_replies_arrive_in_order,
            }
            expiry {
                expired_messages_are_dropped,
                messages_within_their_time_arrive,
                what_was_received_does_not_expire,
            }
            closing {
                closed_transports_refuse_everything,
                closing_takes_two_seconds_at_most,
                closing_ends_listeners,
                closing_returns_unsettled_messages,
                closing_twice_is_closing,
                deadlines_hold_when_nothing_is_reachable,
                no_task_is_left,
            }
        }
    };
    (@ $transport:ident, $fixture:path; $($theme:ident { $($case:ident),* $(,)? })*) => {
        mod $transport {
            $(mod $theme {
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $case() {
                        $crate::conformance::run($fixture(), $crate::conformance::$theme::$case).await;
                    }
                )*
            })*
        }
    };
}
