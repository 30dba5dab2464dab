package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GenerationGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;

/// The `Generate` method with events that are bytes already.
final class GenerateMethod {
    static final MethodDescriptor<GenerateRequest, EncodedEvent> DESCRIPTOR =
            GenerationGrpc.getGenerateMethod().toBuilder(
                            GenerationGrpc.getGenerateMethod().getRequestMarshaller(), new Events())
                    .build();

    private GenerateMethod() {}

    private static final class Events implements MethodDescriptor.Marshaller<EncodedEvent> {
        @Override
        public InputStream stream(EncodedEvent event) {
            return event;
        }

        @Override
        public EncodedEvent parse(InputStream stream) {
            try {
                return new EncodedEvent(stream.readAllBytes());
            } catch (IOException e) {
                throw Status.INTERNAL
                        .withDescription("an event could not be read")
                        .withCause(e)
                        .asRuntimeException();
            }
        }
    }
}
