package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.PlacementGrpc;
import dev.millrace.proto.v1.StageOrder;
import dev.millrace.proto.v1.WorkerReport;
import dev.millrace.tokenizer.loop.ServiceLoop;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/// The Placement service: passes what workers say on to the loop.
public final class PlacementService extends PlacementGrpc.PlacementImplBase {
    private final WorkerRoster roster;
    private final ServiceLoop loop;

    /// A service that registers workers in `roster`, on `loop`.
    public PlacementService(WorkerRoster roster, ServiceLoop loop) {
        this.roster = roster;
        this.loop = loop;
    }

    @Override
    public StreamObserver<WorkerReport> register(StreamObserver<StageOrder> orders) {
        WorkerStream stream = new WorkerStream(roster, (ServerCallStreamObserver<StageOrder>) orders);
        return new StreamObserver<>() {
            @Override
            public void onNext(WorkerReport report) {
                loop.execute(() -> stream.report(report));
            }

            @Override
            public void onError(Throwable failure) {
                loop.execute(() -> stream.ended("its stream broke"));
            }

            @Override
            public void onCompleted() {
                loop.execute(() -> stream.ended("it took its leave"));
            }
        };
    }
}
