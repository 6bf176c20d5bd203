"""A process that answers questions: one JSON object a line comes in, one goes out. It ends with its input."""

import json
import sys
import traceback


def serve(answers, out=None):
    """`answers` has a function per question, which takes what else the question says by name."""
    if out is None:
        # What a library prints must not get among the answers.
        out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"answer": answers[asked.pop("ask")](**asked)}
        except Exception as raised:
            answer = {"error": f"{type(raised).__name__}: {without_java(str(raised))}", "trace": without_java(traceback.format_exc())}
        print(json.dumps(answer), file=out, flush=True)


def without_java(text):
    """What Java prints of its stacks is hundreds of lines."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("\tat "))
