use rpc_runtime::Context;
use rpc_runtime::service::periodic_tasks;

struct Warehouse;

trait Sweeps {
    async fn sweep(&self, _: &Context);
}

#[periodic_tasks]
impl Sweeps for Warehouse {
    #[periodic_task]
    async fn sweep(&self, _: &Context) {}
}

fn main() {}
