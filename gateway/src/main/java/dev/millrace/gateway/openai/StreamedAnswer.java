package dev.millrace.gateway.openai;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.json.JsonText;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.GenerationStarted;
import java.util.Arrays;

/// Turns the events of one request into server-sent events, as text. What all chunks share is prepared once.
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

    /// The frames for an event, possibly none.
    String frames(PromptEvent indexed) {
        return switch (indexed.event().getEventCase()) {
            case STARTED -> started(indexed.prompt(), indexed.event().getStarted());
            case DELTA -> delta(indexed.prompt(), indexed.event().getDelta());
            case FINISHED -> finished(indexed.prompt(), indexed.event().getFinished());
            case EVENT_NOT_SET -> "";
        };
    }

    /// The frames after the last event.
    String end() {
        if (!choices.complete()) {
            return errorFrame(ApiError.serverError("the tokenizer-service ended the answer too early"));
        }
        StringBuilder out = new StringBuilder(256);
        if (plan.usageWanted()) {
            out.append(head).append("],\"usage\":");
            usage.appendTo(out);
            out.append("}\n\n");
        }
        return out.append("data: [DONE]\n\n").toString();
    }

    /// The frame that ends a stream which cannot go on.
    static String errorFrame(ApiError error) {
        return "data: " + error.toJson() + "\n\n";
    }

    private String started(int prompt, GenerationStarted event) {
        usage.started(event.getPromptTokens());
        if (!plan.shape().hasOpening()) {
            return "";
        }
        StringBuilder out = new StringBuilder(256 * plan.choicesPerPrompt());
        for (int choice = 0; choice < plan.choicesPerPrompt(); choice++) {
            open(out, choices.index(prompt, choice));
            plan.shape().appendOpening(out);
            out.append(",\"logprobs\":null,\"finish_reason\":null}]").append(tail);
        }
        return out.toString();
    }

    private String delta(int prompt, GenerationDelta event) {
        int index = choices.index(prompt, event.getChoice());
        boolean withLogprobs = plan.logprobsWanted() && event.getTokensCount() > 0;
        if (event.getText().isEmpty() && !withLogprobs) {
            return "";
        }
        StringBuilder out = new StringBuilder(256);
        open(out, index);
        plan.shape().appendDelta(out, event.getText());
        out.append(",\"logprobs\":");
        if (withLogprobs) {
            appendLogprobs(out, logprobs[index], event);
        } else {
            out.append("null");
        }
        return out.append(",\"finish_reason\":null}]").append(tail).toString();
    }

    private String finished(int prompt, GenerationFinished event) {
        int index = choices.index(prompt, event.getChoice());
        choices.finish(index);
        usage.finished(prompt, event);
        StringBuilder out = new StringBuilder(256);
        open(out, index);
        plan.shape().appendEnd(out);
        out.append(",\"logprobs\":null,\"finish_reason\":\"").append(Choices.reason(event.getReason()));
        return out.append("\"}]").append(tail).toString();
    }

    private void open(StringBuilder out, int index) {
        out.append(head).append("{\"index\":").append(index).append(',');
    }

    private static void appendLogprobs(StringBuilder out, LogprobsWriter writer, GenerationDelta event) {
        for (GeneratedToken token : event.getTokensList()) {
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
