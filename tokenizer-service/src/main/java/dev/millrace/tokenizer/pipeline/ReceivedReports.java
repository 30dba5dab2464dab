package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.PipelineGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;

/// `Pipeline.Open` with reports that are read as [ReceivedReport].
final class ReceivedReports implements MethodDescriptor.Marshaller<ReceivedReport> {
    static final MethodDescriptor<ArrivalBatch, ReceivedReport> OPEN = PipelineGrpc.getOpenMethod().toBuilder(
                    PipelineGrpc.getOpenMethod().getRequestMarshaller(), new ReceivedReports())
            .build();

    private ReceivedReports() {}

    @Override
    public InputStream stream(ReceivedReport report) {
        throw new UnsupportedOperationException("the dialling end of a pipeline sends no reports");
    }

    @Override
    public ReceivedReport parse(InputStream stream) {
        try {
            return new ReceivedReport(stream.readNBytes(stream.available()));
        } catch (IOException broken) {
            throw Status.INTERNAL
                    .withDescription("a report of stage 0 could not be read")
                    .withCause(broken)
                    .asRuntimeException();
        }
    }
}
