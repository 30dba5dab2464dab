package dev.millrace.cli.chat;

import dev.millrace.cli.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Questions from a reader, answers to a writer, until the questions end.
final class Conversation {
    private final ChatServer server;
    private final ChatSettings settings;
    private final PrintWriter output;
    private final PrintWriter errors;
    private final String prompt;
    private final List<Message> messages = new ArrayList<>();

    /// `prompt` is what asks for the next question, empty where nobody types.
    Conversation(ChatServer server, ChatSettings settings, PrintWriter output, PrintWriter errors, String prompt) {
        this.server = server;
        this.settings = settings;
        this.output = output;
        this.errors = errors;
        this.prompt = prompt;
    }

    void system(String text) {
        messages.add(new Message("system", text));
    }

    /// Returns whether the last question was answered.
    boolean hold(BufferedReader questions) throws IOException, InterruptedException {
        boolean answered = true;
        while (true) {
            show(prompt);
            @Nullable String question = questions.readLine();
            if (question == null) {
                show(prompt.isEmpty() ? "" : System.lineSeparator());
                return answered;
            }
            if (!question.isBlank()) {
                answered = ask(question);
            }
        }
    }

    private boolean ask(String question) throws InterruptedException {
        messages.add(new Message("user", question));
        try {
            Answer answer = server.answer(settings, messages, piece -> show(harmless(piece)));
            messages.add(new Message("assistant", answer.text()));
            output.printf("%n[%s]%n%n", answer.statistics());
            output.flush();
            return true;
        } catch (UserError refused) {
            // The question is taken back, so that the next one does not repeat what was refused.
            messages.removeLast();
            output.println();
            output.flush();
            errors.println("error: " + refused.getMessage());
            errors.flush();
            return false;
        }
    }

    private void show(String text) {
        output.print(text);
        output.flush();
    }

    /// A model may write anything; what could steer the terminal is left out.
    private static String harmless(String text) {
        return text.chars().allMatch(Conversation::isHarmless)
                ? text
                : text.chars()
                        .filter(Conversation::isHarmless)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    private static boolean isHarmless(int character) {
        return character == '\n' || character == '\t' || !Character.isISOControl(character);
    }
}
