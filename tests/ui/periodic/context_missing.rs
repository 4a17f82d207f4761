use rpc_runtime::service::periodic_tasks;

struct Warehouse;

#[periodic_tasks]
impl Warehouse {
    #[periodic_task]
    async fn sweep(&self) {}
}

fn main() {}
