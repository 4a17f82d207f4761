use rpc_runtime::rpc_api;

struct Calc;

#[rpc_api(version = "1.0")]
impl Calc {
    #[rpc(call)]
    fn add(&self) {}
}

fn main() {
    Calc.add();
}
