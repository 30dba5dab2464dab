package dev.millrace.tokenizer.pipeline;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.millrace.proto.v1.StepReport;
import java.io.IOException;

/// A `StepReport` as it came. Most bring tokens alone, one a step, and are read without the builder and the lists of
/// the generated class, which reads the rarer ones once more.
final class ReceivedReport {
    private static final int FIELD_SHIFT = 3;
    private static final int EPOCH = StepReport.EPOCH_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_VARINT;
    private static final int STEP = StepReport.STEP_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_VARINT;
    private static final int SEQUENCE_IDS =
            StepReport.TOKEN_SEQUENCE_IDS_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int TOKEN_IDS =
            StepReport.TOKEN_IDS_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int TOKEN_INDEXES =
            StepReport.TOKEN_INDEXES_FIELD_NUMBER << FIELD_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private final ReceivedNumbers sequenceIds = new ReceivedNumbers();
    private final ReceivedNumbers tokenIds = new ReceivedNumbers();
    private final ReceivedNumbers tokenIndexes = new ReceivedNumbers();
    private final boolean hasMore;
    private final StepReport message;
    private long epoch;

    /// Reads the binary form.
    ///
    /// @throws IOException when it is none
    ReceivedReport(byte[] bytes) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        boolean others = false;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case EPOCH -> epoch = in.readUInt64();
                case STEP -> in.readUInt64();
                case SEQUENCE_IDS -> sequenceIds.read(in, bytes.length);
                case TOKEN_IDS -> tokenIds.read(in, bytes.length);
                case TOKEN_INDEXES -> tokenIndexes.read(in, bytes.length);
                default -> {
                    others = true;
                    in.skipField(tag);
                }
            }
        }
        hasMore = others;
        message = others ? StepReport.parseFrom(bytes) : StepReport.getDefaultInstance();
    }

    long epoch() {
        return epoch;
    }

    /// The sequence of each token.
    ReceivedNumbers sequenceIds() {
        return sequenceIds;
    }

    /// The id of each token.
    ReceivedNumbers tokenIds() {
        return tokenIds;
    }

    /// The position of each token in its sequence's output.
    ReceivedNumbers tokenIndexes() {
        return tokenIndexes;
    }

    /// Whether the [#message] has anything beside tokens.
    boolean hasMore() {
        return hasMore;
    }

    /// The whole report, or an empty one when it has tokens alone.
    StepReport message() {
        return message;
    }
}
