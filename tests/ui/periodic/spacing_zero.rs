use rpc_runtime::Context;
use rpc_runtime::service::periodic_tasks;

struct Warehouse;

#[periodic_tasks]
impl Warehouse {
    #[periodic_task(spacing = "0s")]
    async fn sweep(&self, _: &Context) {}
}

fn main() {}
