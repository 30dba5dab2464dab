package dev.millrace.gateway.generation;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.WireFormat;
import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.GenerationStarted;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// Reads the binary form of `GenerateEvent`. New text, which nearly every token brings, is read without the builders
/// that the generated classes need; fields that are not known are skipped, as they do.
final class AnswerEvents implements MethodDescriptor.Marshaller<AnswerEvent> {
    /// A tag is a field number and, in the lowest bits, how the value is written.
    private static final int FIELD_SHIFT = 3;

    private static final int STARTED =
            GenerateEvent.STARTED_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int DELTA =
            GenerateEvent.DELTA_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int FINISHED =
            GenerateEvent.FINISHED_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int CHOICE = GenerationDelta.CHOICE_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_VARINT;
    private static final int TEXT =
            GenerationDelta.TEXT_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int TOKEN_IDS =
            GenerationDelta.TOKEN_IDS_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int TOKENS =
            GenerationDelta.TOKENS_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private static final AnswerEvent NOTHING = new AnswerEvent.Delta(0, "", 0, List.of());

    @Override
    public InputStream stream(AnswerEvent event) {
        throw new UnsupportedOperationException("a gateway sends no events");
    }

    @Override
    public AnswerEvent parse(InputStream stream) {
        try {
            return event(CodedInputStream.newInstance(stream.readNBytes(stream.available())));
        } catch (IOException broken) {
            throw Status.INTERNAL
                    .withDescription("an event of the tokenizer-service could not be read")
                    .withCause(broken)
                    .asRuntimeException();
        }
    }

    private static AnswerEvent event(CodedInputStream in) throws IOException {
        AnswerEvent event = NOTHING;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case STARTED ->
                    event = new AnswerEvent.Started(
                            in.readMessage(GenerationStarted.parser(), ExtensionRegistryLite.getEmptyRegistry()));
                case DELTA -> {
                    int outer = in.pushLimit(in.readRawVarint32());
                    event = delta(in);
                    in.popLimit(outer);
                }
                case FINISHED ->
                    event = new AnswerEvent.Finished(
                            in.readMessage(GenerationFinished.parser(), ExtensionRegistryLite.getEmptyRegistry()));
                default -> in.skipField(tag);
            }
        }
        return event;
    }

    private static AnswerEvent delta(CodedInputStream in) throws IOException {
        int choice = 0;
        String text = "";
        int tokens = 0;
        List<GeneratedToken> details = List.of();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case CHOICE -> choice = in.readUInt32();
                case TEXT -> text = in.readStringRequireUtf8();
                case TOKEN_IDS -> tokens += countPacked(in);
                case TOKENS -> {
                    details = details.isEmpty() ? new ArrayList<>() : details;
                    details.add(in.readMessage(GeneratedToken.parser(), ExtensionRegistryLite.getEmptyRegistry()));
                }
                default -> in.skipField(tag);
            }
        }
        return new AnswerEvent.Delta(choice, text, tokens, details);
    }

    private static int countPacked(CodedInputStream in) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        int count = 0;
        while (!in.isAtEnd()) {
            in.readUInt32();
            count++;
        }
        in.popLimit(outer);
        return count;
    }
}
