#[derive(RpcError)]
#[rpc(module = "nova.exception")]
pub enum MigrateError {
    InstanceNotFound {
        #[rpc(name = "instance_id")]
        instance: Uuid,
    },
    NoValidHost,
    #[rpc(module = "builtins", class = "ValueError")]
    Invalid(String),
    #[rpc(transparent)]
    Other(Failure),
}

#[derive(RpcError)]
#[rpc(module = "calc.exception", class = "Overflow")]
pub struct TooMuch {
    limit: u64,
}
