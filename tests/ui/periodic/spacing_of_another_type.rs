use rpc_runtime::Context;
use rpc_runtime::service::periodic_tasks;

struct Warehouse;

#[periodic_tasks]
impl Warehouse {
    #[periodic_task(spacing = self.halls())]
    async fn sweep(&self, _: &Context) {}

    fn halls(&self) -> u32 {
        1
    }
}

fn main() {}
