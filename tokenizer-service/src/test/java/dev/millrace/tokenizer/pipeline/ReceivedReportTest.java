package dev.millrace.tokenizer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.millrace.proto.v1.StepReport;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ReceivedReportTest {
    private static final StepReport TOKENS = StepReport.newBuilder()
            .setEpoch(3)
            .setStep(9)
            .addTokenSequenceIds(Long.MAX_VALUE)
            .addTokenSequenceIds(2)
            .addTokenIds(0)
            .addTokenIds(151_643)
            .addTokenIndexes(7)
            .addTokenIndexes(4095)
            .build();

    @Test
    void tokens_are_read_as_protobuf_writes_them() throws IOException {
        ReceivedReport report = new ReceivedReport(TOKENS.toByteArray());

        assertThat(report.epoch()).isEqualTo(3);
        assertThat(numbers(report.sequenceIds())).containsExactly(Long.MAX_VALUE, 2);
        assertThat(numbers(report.tokenIds())).containsExactly(0, 151_643);
        assertThat(numbers(report.tokenIndexes())).containsExactly(7, 4095);
        assertThat(report.hasMore()).isFalse();
        assertThat(report.message()).isEqualTo(StepReport.getDefaultInstance());
    }

    @Test
    void reports_that_were_joined_are_one_with_the_tokens_of_all() throws IOException {
        StepReport second = StepReport.newBuilder()
                .setEpoch(3)
                .addTokenSequenceIds(5)
                .addTokenIds(6)
                .addTokenIndexes(8)
                .addAccepted(5)
                .build();

        ReceivedReport report = new ReceivedReport(
                TOKENS.toByteString().concat(second.toByteString()).toByteArray());

        assertThat(numbers(report.sequenceIds())).containsExactly(Long.MAX_VALUE, 2, 5);
        assertThat(numbers(report.tokenIds())).containsExactly(0, 151_643, 6);
        assertThat(report.hasMore()).isTrue();
        assertThat(report.message().getAcceptedList()).containsExactly(5L);
    }

    @Test
    void fields_of_a_later_version_are_skipped() throws IOException {
        StepReport later = TOKENS.toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                99,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build())
                .build();

        assertThat(new ReceivedReport(later.toByteArray()).tokenIds().count()).isEqualTo(2);
    }

    @Test
    void a_length_beyond_the_message_is_refused() {
        byte[] tokenIds = {0x32, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f, 1};

        assertThatThrownBy(() -> new ReceivedReport(tokenIds))
                .isInstanceOf(InvalidProtocolBufferException.class)
                .hasMessageContaining("268435455 bytes in a message of 6");
    }

    private static long[] numbers(ReceivedNumbers numbers) {
        long[] all = new long[numbers.count()];
        for (int i = 0; i < all.length; i++) {
            all[i] = numbers.at(i);
        }
        return all;
    }
}
