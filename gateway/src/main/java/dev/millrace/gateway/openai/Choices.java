package dev.millrace.gateway.openai;

import dev.millrace.proto.v1.FinishReason;
import java.util.BitSet;

/// Numbers the choices of an answer, prompt after prompt, and knows which ones have ended.
final class Choices {
    private final int perPrompt;
    private final int count;
    private final BitSet finished = new BitSet();

    Choices(AnswerPlan plan) {
        this.perPrompt = plan.choicesPerPrompt();
        this.count = plan.choices();
    }

    /// The index of a choice in the whole answer.
    int index(int prompt, int choice) {
        if (choice < 0 || choice >= perPrompt) {
            throw new IllegalStateException("the tokenizer-service sent choice " + choice + " of " + perPrompt);
        }
        return prompt * perPrompt + choice;
    }

    void finish(int index) {
        finished.set(index);
    }

    /// True when every choice has ended.
    boolean complete() {
        return finished.cardinality() == count;
    }

    /// OpenAI's word for why a choice ended.
    static String reason(FinishReason reason) {
        return reason == FinishReason.FINISH_REASON_LENGTH ? "length" : "stop";
    }
}
