use rpc_runtime::Context;
use rpc_runtime::service::periodic_tasks;

struct Warehouse;

#[periodic_tasks(spacing = "60s")]
impl Warehouse {
    #[periodic_task]
    async fn sweep(&self, _: &Context) {}
}

fn main() {}
