package dev.millrace.gateway.openai;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.generation.AnswerEvent;
import dev.millrace.gateway.http.EventStream;
import dev.millrace.gateway.json.JsonText;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.GenerationStarted;
import java.util.Arrays;

/// Turns the events of one request into server-sent events. What all chunks share is prepared once.
final class StreamedAnswer {
    private final AnswerPlan plan;
    private final Choices choices;
    private final TokenUsage usage;
    /// One a choice, or none at all.
    private final LogprobsWriter[] logprobs;

    private final String head;
    private final String tail;

    StreamedAnswer(AnswerPlan plan) {
        this.plan = plan;
        this.choices = new Choices(plan);
        this.usage = new TokenUsage(plan.prompts().size());
        this.logprobs = new LogprobsWriter[plan.logprobsWanted() ? plan.choices() : 0];
        Arrays.setAll(logprobs, choice -> plan.shape().newLogprobs());
        this.head = head(plan);
        this.tail = plan.usageWanted() ? ",\"usage\":null}\n\n" : "}\n\n";
    }

    /// Appends the frames for an event, possibly none.
    void append(PromptEvent indexed, StringBuilder out) {
        switch (indexed.event()) {
            case AnswerEvent.Started started -> appendStarted(indexed.prompt(), started.facts(), out);
            case AnswerEvent.Delta delta -> appendDelta(indexed.prompt(), delta, out);
            case AnswerEvent.Finished finished -> appendFinished(indexed.prompt(), finished.facts(), out);
        }
    }

    /// Appends the frames after the last event.
    void appendEnd(StringBuilder out) {
        if (!choices.complete()) {
            appendError(ApiError.serverError("the tokenizer-service ended the answer too early"), out);
            return;
        }
        if (plan.usageWanted()) {
            out.append(head).append("],\"usage\":");
            usage.appendTo(out);
            out.append("}\n\n");
        }
        out.append("data: [DONE]\n\n");
    }

    /// The frame that ends a stream which cannot go on.
    static EventStream.Frames error(ApiError error) {
        return out -> appendError(error, out);
    }

    private static void appendError(ApiError error, StringBuilder out) {
        out.append("data: ").append(error.toJson()).append("\n\n");
    }

    private void appendStarted(int prompt, GenerationStarted event, StringBuilder out) {
        usage.started(event.getPromptTokens());
        if (!plan.shape().hasOpening()) {
            return;
        }
        for (int choice = 0; choice < plan.choicesPerPrompt(); choice++) {
            open(out, choices.index(prompt, choice));
            plan.shape().appendOpening(out);
            out.append(",\"logprobs\":null,\"finish_reason\":null}]").append(tail);
        }
    }

    private void appendDelta(int prompt, AnswerEvent.Delta event, StringBuilder out) {
        int index = choices.index(prompt, event.choice());
        boolean withLogprobs = plan.logprobsWanted() && !event.details().isEmpty();
        if (event.text().isEmpty() && !withLogprobs) {
            return;
        }
        open(out, index);
        plan.shape().appendDelta(out, event.text());
        out.append(",\"logprobs\":");
        if (withLogprobs) {
            appendLogprobs(out, logprobs[index], event);
        } else {
            out.append("null");
        }
        out.append(",\"finish_reason\":null}]").append(tail);
    }

    private void appendFinished(int prompt, GenerationFinished event, StringBuilder out) {
        int index = choices.index(prompt, event.getChoice());
        choices.finish(index);
        usage.finished(prompt, event);
        open(out, index);
        plan.shape().appendEnd(out);
        out.append(",\"logprobs\":null,\"finish_reason\":\"").append(Choices.reason(event.getReason()));
        out.append("\"}]").append(tail);
    }

    private void open(StringBuilder out, int index) {
        out.append(head).append("{\"index\":").append(index).append(',');
    }

    private static void appendLogprobs(StringBuilder out, LogprobsWriter writer, AnswerEvent.Delta event) {
        for (GeneratedToken token : event.details()) {
            writer.add(token);
        }
        writer.drainTo(out);
    }

    private static String head(AnswerPlan plan) {
        StringBuilder out = new StringBuilder(160).append("data: {\"id\":");
        JsonText.quote(out, plan.id());
        out.append(",\"object\":");
        JsonText.quote(out, plan.shape().chunkObject());
        out.append(",\"created\":").append(plan.createdSeconds()).append(",\"model\":");
        JsonText.quote(out, plan.model());
        return out.append(",\"choices\":[").toString();
    }
}
