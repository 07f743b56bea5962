"""What does the page say around its tables? The sentences; every figure comes from the run."""

from typing import Final

SYNTHETIC_ARE_NOT_PEOPLE: Final = """\
**Synthetic voices are not people.** Drill, calls and the negative speech of the repository are synthetic, by voices
that the bundled model was trained on in other sentences. Only rows that say *people* are of people. There is no
recording of people saying the phrases: how many of theirs would be found is not known."""

RECALL: Final = """\
The drill (one utterance each, synthetic voices) as recorded; openings as the first utterance of a call, all others as
later ones."""

ALARMS: Final = """\
All of it as the agent's, in a call whose opening is over; whatever fires is counted, apologies and closings too. Where
a label has exactly the syllables of a phrase, that stretch is left out, hours and all. Bounds are exact, one-sided,
at 95 % (Poisson): no event in T hours means fewer than 3.00 / T an hour. Speech is what the voice detector took for
it."""

WAYS: Final = """\
Same audio, same talk spurts, same model, same rules and scopes. **Exact text**: the characters of a phrase in what
Vosk wrote, in every wording the pack stands for, gaps honoured; no near sounds, no polite forms. **Grammar**: Vosk is
given the phrases, cut into the fewest words it knows, and parts around gaps by themselves; bare, as people use it, and
with a word for every syllable as fillers, since the model has no `[unk]` (the device's own second recogniser, taken at
its word). Each was read from final results, and from partial results as they come, which find no less and sooner: in
that form they stand elsewhere on this page. A negative latency fired before the phrase was over."""

ANSWERS: Final = """\
Short answers of customers (synthetic voices, tests/answers), each after the question in a call of its own: consents,
refusals, neither, and silence or noise. Cells: pressed / asked for the button / taken for a refusal / went on waiting.
A press on anything but a consent is the one mistake that must not be."""

CONDITIONS: Final = """\
The same drill, negative speech and calls (synthetic voices), damaged by a fixed seed; noise is so far below the speech
of each file. The silence before, between and after is damaged too. f/n/a: phrases found in per cent, near misses fired,
false alarms an hour."""

CUSTOMERS: Final = """\
The same speech as if it were the answer of a customer who is being asked all the time, which nobody is: an upper bound.
Consent would press MUTE, refusal would not, unclear asks the agent. Labels that hold an answer are left out."""

FOLDS: Final = """\
The rule: one and two syllables must be exact, every other length starts at {floor} ‰. While anything fires on the near
misses or the negative speech of the voices to choose on, the length that fired is raised above its likeness. Then
{margin} ‰ on top of what was raised, and no length is held to less than a longer one. The margin itself was not chosen
blindly: at 20 ‰ the other voices fired. The device as shipped is not part of this: its thresholds are in the pack."""

NOT_MEASURED: Final = "Not measured in this run."
