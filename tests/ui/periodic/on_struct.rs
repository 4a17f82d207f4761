use rpc_runtime::service::periodic_tasks;

struct Warehouse;

#[periodic_tasks]
struct Hall {
    halls: u32,
}

fn main() {}
