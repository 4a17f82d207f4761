#[derive(RpcServer)]
struct ConductorService {
    #[rpc(ConductorApi)]
    conductor: ConductorManager,
    #[rpc(ComputeTaskApi)]
    tasks: ComputeTaskManager,
    #[rpc(skip)]
    started: Instant,
}

#[derive(RpcServer)]
#[rpc(crate = crate::bus)]
struct Small<S: Store>(#[rpc(SmallApi)] SmallManager<S>);
