"""Which pods have SSH enabled, and which keys they carry."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from .api import Api, ApiError, ApiUnreachable, each_pod
from .key_sources import KeySource, KeysUnavailable, NoKeys, Place, listed_text
from .pods import KeyedPod, Pod, PodProblem, label_of, parse_pod, sharing_addresses, take_turns
from .public_keys import parse_public_keys
from .room import keep_what_fits
from .settings import WorkloadSettings

_MOST_PODS = 5000
"""More of a namespace are not looked at: what is kept of them has to have room."""

_MOST_LISTINGS = 3
"""How often a namespace is listed, when pages expire before they are asked for."""


class Discovery(NamedTuple):
    """What was found."""

    pods: list[KeyedPod]
    """Those that have a key, sorted."""
    problems: list[str]
    """Of single pods, each with its name."""
    failure: str | None
    """What the API server did not tell; the pods concerned are as they were known before."""


def discover(
    settings: WorkloadSettings,
    api: Api,
    source: KeySource | None,
    known: Sequence[KeyedPod],
    ask_all: bool,
) -> Discovery:
    """Lists the pods, and asks for their keys: `ask_all`, or only those of pods not known. Raises
    ApiError when no namespace can be listed. Without a source, the descriptions have the keys."""
    search = _Search(settings, source, known, ask_all)
    refusals = [refusal for name in settings.namespaces if (refusal := search.list_pods(api, name))]
    if len(refusals) == len(settings.namespaces):
        raise refusals[0]
    search.drop_shared_addresses()
    search.ask()
    found = sorted(KeyedPod(*one) for one in search.keys.items() if one[1])
    kept = keep_what_fits(found, len(settings.namespaces), len(settings.ssh_ports))
    failures = [*map(str, refusals), *search.failures()]
    problems = sorted([*search.problems, *kept.problems])
    return Discovery(kept.pods, problems, "; ".join(failures) or None)


class _Search:
    def __init__(
        self,
        settings: WorkloadSettings,
        source: KeySource | None,
        known: Sequence[KeyedPod],
        ask_all: bool,
    ) -> None:
        self._settings = settings
        self._source = source
        self._known = {pod.identity: keys for pod, keys in known}
        self._known_pods = known
        self._ask_all = ask_all
        self._places: dict[Pod, Place] = {}
        self._refusals: list[str] = []
        self.keys: dict[Pod, tuple[str, ...]] = {}
        """Of all pods that were listed; not asked for yet, they are empty."""
        self.problems: set[str] = set()

    def list_pods(self, api: Api, namespace: str) -> ApiError | None:
        """Takes note of all pods of the namespace. An answer that refuses them is returned: a
        namespace that was deleted, with the bastion's rights in it, is no loss for the others."""
        for _ in range(_MOST_LISTINGS):
            try:
                pods = each_pod(api, namespace, self._settings.label_selector)
                for document in itertools.islice(pods, _MOST_PODS):
                    self._take(document, namespace)
                if next(pods, None) is not None:
                    self.problems.add(f"{namespace}: only its first {_MOST_PODS} pods count")
                return None
            except ApiUnreachable:
                raise
            except ApiError as error:
                refusal = error
                self._forget(namespace)
                if not error.is_expired:
                    break
        self.keys.update(known for known in self._known_pods if known.pod.namespace == namespace)
        return refusal

    def _forget(self, namespace: str) -> None:
        for pod in [pod for pod in self.keys if pod.namespace == namespace]:
            del self.keys[pod]
            self._places.pop(pod, None)

    def _take(self, document: Any, namespace: str) -> None:
        """Takes note of a pod. Its description is needed no longer then."""
        try:
            pod = parse_pod(document, namespace)
        except PodProblem as problem:
            self.problems.add(f"{label_of(document, namespace)}: {problem}")
            return
        if pod is None:
            return
        self.keys[pod] = ()
        try:
            self._take_keys(pod, document)
        except NoKeys as reason:
            self.problems.add(f"{pod.label}: {reason}")

    def _take_keys(self, pod: Pod, document: Any) -> None:
        if not self._ask_all and pod.identity in self._known:
            self.keys[pod] = self._known[pod.identity]
        elif self._source is None:
            self._set(pod, listed_text(document, self._settings.annotation))
        else:
            self._places[pod] = self._source.place(pod, document)

    def drop_shared_addresses(self) -> None:
        """Of pods with one address, nobody knows which of them would be reached."""
        shared = sharing_addresses(self.keys)
        for pod in [pod for pod in self.keys if pod.address in shared]:
            self.problems.add(f"{pod.label}: another pod has its address {pod.address}, too")
            del self.keys[pod]
            self._places.pop(pod, None)

    def ask(self) -> None:
        """Asks each place once, some at a time."""
        if self._source is None or not self._places:
            return
        pods_at: defaultdict[Place, list[Pod]] = defaultdict(list)
        for pod in take_turns(self._places):
            pods_at[self._places[pod]].append(pod)
        with ThreadPoolExecutor(self._source.threads) as threads:
            for pods, answer in zip(pods_at.values(), threads.map(self._read, pods_at)):
                self._take_answer(pods, answer)

    def _read(self, place: Place) -> str | NoKeys | KeysUnavailable:
        assert self._source is not None
        try:
            return self._source.read(place)
        except (NoKeys, KeysUnavailable) as reason:
            return reason

    def _take_answer(self, pods: list[Pod], answer: str | NoKeys | KeysUnavailable) -> None:
        for pod in pods:
            if isinstance(answer, str):
                self._set(pod, answer)
                continue
            if isinstance(answer, KeysUnavailable):
                self.keys[pod] = self._known.get(pod.identity, ())
            if isinstance(answer, KeysUnavailable) and answer.is_api:
                self._refusals.append(str(answer))
            else:
                self.problems.add(f"{pod.label}: {answer}")

    def failures(self) -> Iterator[str]:
        """That the API server gives no keys is said once, however many pods it is about."""
        if self._refusals:
            more = len(self._refusals) - 1
            yield self._refusals[0] + (f" (and {more} more like this)" if more else "")

    def _set(self, pod: Pod, text: str) -> None:
        found = parse_public_keys(text)
        self.keys[pod] = found.keys
        self.problems.update(f"{pod.label}: {problem}" for problem in found.problems)
