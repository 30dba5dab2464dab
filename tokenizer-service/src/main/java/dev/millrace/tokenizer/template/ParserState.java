package dev.millrace.tokenizer.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the parsers of expressions and statements share: tokens, open scopes, open procedures, nesting.
final class ParserState {
    /// Which of the implicit parameters the body of a procedure uses.
    static final class ImplicitParameters {
        private final Set<String> candidates = new HashSet<>(Set.of("caller", "kwargs", "varargs"));
        private final Set<String> used = new HashSet<>();

        boolean uses(String name) {
            return used.contains(name);
        }
    }

    private final TokenStream tokens;
    private final int maximumNesting;
    private final List<Scope> scopes = new ArrayList<>();
    private final Deque<ImplicitParameters> procedures = new ArrayDeque<>();
    private Scope scope = newScope(null);
    private int nesting;
    private int loops;

    ParserState(TokenStream tokens, int maximumNesting) {
        this.tokens = tokens;
        this.maximumNesting = maximumNesting;
    }

    TokenStream tokens() {
        return tokens;
    }

    Scope scope() {
        return scope;
    }

    /// Makes a scope inside the current one, without entering it.
    Scope innerScope() {
        return newScope(scope);
    }

    Scope newScope(@Nullable Scope parent) {
        Scope created = new Scope(parent);
        scopes.add(created);
        return created;
    }

    /// Enters a scope and gives the one that was current.
    Scope enter(Scope inner) {
        Scope outer = scope;
        scope = inner;
        return outer;
    }

    void leaveTo(Scope outer) {
        scope = outer;
    }

    void sealScopes() {
        scopes.forEach(Scope::seal);
    }

    void nest() {
        if (++nesting > maximumNesting) {
            throw tokens.fail("the chat template nests deeper than " + maximumNesting + " levels");
        }
    }

    void unnest() {
        nesting--;
    }

    void read(String name) {
        scope.read(name);
        for (ImplicitParameters procedure : procedures) {
            if (procedure.candidates.contains(name)) {
                procedure.used.add(name);
            }
        }
    }

    void assign(String name) {
        if (loops > 0 && name.equals("loop")) {
            throw tokens.fail("Can't assign to special loop variable in for-loop target");
        }
        scope.assign(name);
        hideImplicit(name);
    }

    /// After an assignment, a name in a procedure's body no longer means the implicit parameter.
    void hideImplicit(String name) {
        for (ImplicitParameters procedure : procedures) {
            procedure.candidates.remove(name);
        }
    }

    ImplicitParameters openProcedure() {
        ImplicitParameters procedure = new ImplicitParameters();
        procedures.push(procedure);
        return procedure;
    }

    void closeProcedure() {
        procedures.pop();
    }

    /// Sets how many loops `break` could leave and gives the number before.
    int loops(int count) {
        int before = loops;
        loops = count;
        return before;
    }

    int loops() {
        return loops;
    }
}
