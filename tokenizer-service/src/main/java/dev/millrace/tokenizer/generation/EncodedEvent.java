package dev.millrace.tokenizer.generation;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.GenerationStarted;
import io.grpc.Drainable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/// A `GenerateEvent` in its binary form, sent once. New text is written without a message, a builder or a list in
/// between: there is one for nearly every token.
final class EncodedEvent extends ByteArrayInputStream implements Drainable {
    EncodedEvent(byte[] bytes) {
        super(bytes);
    }

    static EncodedEvent of(GenerationStarted started) {
        return new EncodedEvent(
                GenerateEvent.newBuilder().setStarted(started).build().toByteArray());
    }

    static EncodedEvent of(GenerationFinished finished) {
        return new EncodedEvent(
                GenerateEvent.newBuilder().setFinished(finished).build().toByteArray());
    }

    /// A delta with all of `tokens`, which are left as they are.
    static EncodedEvent delta(int choice, String text, TokenQueue tokens) {
        int idBytes = 0;
        for (int i = 0; i < tokens.count(); i++) {
            idBytes += CodedOutputStream.computeUInt32SizeNoTag(tokens.id(i));
        }
        int bytes = CodedOutputStream.computeUInt32Size(GenerationDelta.CHOICE_FIELD_NUMBER, choice)
                + CodedOutputStream.computeStringSize(GenerationDelta.TEXT_FIELD_NUMBER, text)
                + lengthDelimited(GenerationDelta.TOKEN_IDS_FIELD_NUMBER, idBytes)
                + CodedOutputStream.computeUInt32Size(GenerationDelta.FIRST_INDEX_FIELD_NUMBER, tokens.firstIndex());
        for (int i = 0; i < tokens.detailCount(); i++) {
            bytes += CodedOutputStream.computeMessageSize(GenerationDelta.TOKENS_FIELD_NUMBER, tokens.detail(i));
        }
        byte[] message = new byte[lengthDelimited(GenerateEvent.DELTA_FIELD_NUMBER, bytes)];
        CodedOutputStream out = CodedOutputStream.newInstance(message);
        try {
            out.writeTag(GenerateEvent.DELTA_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(bytes);
            out.writeUInt32(GenerationDelta.CHOICE_FIELD_NUMBER, choice);
            out.writeString(GenerationDelta.TEXT_FIELD_NUMBER, text);
            out.writeTag(GenerationDelta.TOKEN_IDS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(idBytes);
            for (int i = 0; i < tokens.count(); i++) {
                out.writeUInt32NoTag(tokens.id(i));
            }
            out.writeUInt32(GenerationDelta.FIRST_INDEX_FIELD_NUMBER, tokens.firstIndex());
            for (int i = 0; i < tokens.detailCount(); i++) {
                out.writeMessage(GenerationDelta.TOKENS_FIELD_NUMBER, tokens.detail(i));
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory cannot fail", impossible);
        }
        out.checkNoSpaceLeft();
        return new EncodedEvent(message);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int drained = available();
        target.write(buf, pos, drained);
        pos = count;
        return drained;
    }

    private static int lengthDelimited(int field, int bytes) {
        return CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt32SizeNoTag(bytes) + bytes;
    }
}
