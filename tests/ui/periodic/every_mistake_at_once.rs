use rpc_runtime::Context;
use rpc_runtime::service::periodic_tasks;

struct Warehouse;

#[periodic_tasks]
impl Warehouse {
    #[periodic_task(spacng = "60s")]
    fn sweep(&mut self, _: &Context) {}

    #[periodic_task(spacing = 60)]
    async fn audit<T>(&self, _: &Context) {}
}

fn main() {}
