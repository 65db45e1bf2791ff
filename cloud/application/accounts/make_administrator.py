"""The first run: an administrator is made with a code that only the operator sees. There is no default password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest
from typing import Final

from cloud.application.accounts.keep_members import checked_name, estates_of_party
from cloud.application.accounts.own_account import checked_login, new_account
from cloud.application.accounts.proving import Proving, refused
from cloud.application.accounts.telling import tell_change
from cloud.application.estates.sign_in import Issued, SignIn
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.accounts.first_run import FirstRun
from cloud.domain.accounts.recovery import new_code
from cloud.domain.community.access import Origin, Through, token_hash
from cloud.domain.community.names import Language, Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import NotFound, Unauthenticated

ADMINISTRATOR: Final = Names("系统管理员", "Administrator")


@dataclass(frozen=True, slots=True)
class FirstPlace:
    """What an estate is called that nobody has described yet."""

    estate: Names
    operator: Names


FirstEstate = Callable[[FirstPlace], Register]
"""Makes the register of an estate of which only the name is known, with a party that runs the platform."""


class MakeAdministrator:
    """`done`: what is to happen once the code is used up; it must not fail."""

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        ids: Ids,
        *,
        proving: Proving,
        sign_in: SignIn,
        first_estate: FirstEstate,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._units, self._clock, self._ids = units, clock, ids
        self._proving, self._sign_in, self._first_estate = proving, sign_in, first_estate
        self._done = done

    def code(self, known: str | None = None) -> str | None:
        """The code to print: `known`, what the operator's file says, while it is the one that counts, else a new one; None
        once an administrator was made, or anybody has an account.
        """
        with self._units.writing() as uow:
            run = uow.accounts.first_run()
            if (run is not None and run.used_at is not None) or uow.accounts.any():
                return None
            if run is not None and known and compare_digest(run.code_hash, code_hash(known)):
                return known
            code = new_code()
            uow.accounts.save_first_run(FirstRun(code_hash(code), self._clock.now()))
            uow.commit()
        return code

    def pending(self) -> tuple[bool, bool]:
        """Whether the first run is still to be made, and whether an estate has to be named in it."""
        with self._units.reading() as uow:
            return self._open(uow) is not None, not uow.registers.estates()

    def __call__(
        self,
        code: str,
        login: str,
        password: str,
        place: FirstPlace | None = None,
        *,
        origin: Origin,
        former: str | None = None,
        language: Language = "zh",
    ) -> Issued:
        """Makes the administrator, who reads that language, and lets them in. Raises NotFound when it was done before; Unauthenticated, Throttled,
        Refused, Invalid, Conflict.
        """
        if not self.pending()[0]:
            raise _over()
        self._proving.tries.take(origin.address)
        with self._units.reading() as uow:
            self._check(uow, code)
        name = checked_login(login)
        hashed = self._proving.means.hashed(password, name, second_factor=False)
        with self._units.writing() as uow:
            now = self._clock.now()
            run = self._check(uow, code)
            member = self._administrator(uow, place, language, now)
            uow.accounts.save(new_account(uow, member.id, name, now).with_password(hashed, now))
            uow.accounts.save_first_run(replace(run, used_at=now))
            tell_change(uow, member.id, "administrator-made", now, actor="system")
            self._proving.tries.forgive(uow, origin.address)
            session = self._sign_in.begin(uow, member.id, Through.SETUP, origin, former=former)
            uow.commit()
        self._done()
        return session

    @staticmethod
    def _open(uow: UnitOfWork) -> FirstRun | None:
        run = uow.accounts.first_run()
        return run if run is not None and run.used_at is None and not uow.accounts.any() else None

    def _check(self, uow: UnitOfWork, code: str) -> FirstRun:
        run = self._open(uow)
        if run is None:
            raise _over()
        if not compare_digest(run.code_hash, code_hash(code)):
            raise Unauthenticated(
                "The set-up code is not right. It stands where Tocsin was started, and in the file setup-code among its data.",
                "设置码不正确。设置码显示在启动 Tocsin 的终端中，也保存在数据目录的 setup-code 文件里",
            )
        return run

    def _administrator(self, uow: UnitOfWork, place: FirstPlace | None, language: Language, now: datetime) -> Member:
        """An administrator whom the estate's file names; else a new one for the party that runs the platform."""
        estates = uow.registers.estates()
        if not estates:
            register = self._first(uow, place, now)
        else:
            found = uow.registers.find(estates[0].id)
            assert found is not None, f"estate {estates[0].id} has lost its register"
            register = found
        registers = [found for one in uow.registers.estates() if (found := uow.registers.find(one.id)) is not None]
        named = [one for known in registers for one in known.members.values() if one.role is Role.ADMINISTRATOR]
        if named:
            return min(named, key=lambda member: member.id)
        party = _operator_of(register)
        member = Member(f"m-{self._ids.new(now)}", party.id, ADMINISTRATOR, Role.ADMINISTRATOR, language)
        uow.accounts.add_member(member, estates_of_party(uow, party.id))
        return member

    def _first(self, uow: UnitOfWork, place: FirstPlace | None, now: datetime) -> Register:
        if place is None:
            raise refused(Names("请填写小区名称", "Name the estate"))
        said = FirstPlace(_checked(place.estate), _checked(place.operator))
        register = self._first_estate(said)
        uow.registers.store(register, "set-up")
        facts = {"version": register.version, "digest": "set-up"}
        draft = Draft(Kind.ESTATE_LOADED, now, "system", None, register.estate.id, "set-up", facts)
        uow.ledger.append(register.estate.id, [draft])
        return register


def code_hash(code: str) -> str:
    """However it was typed: case, hyphens and blanks make no difference."""
    return token_hash("".join(letter for letter in code.upper() if letter.isalnum()))


def _operator_of(register: Register) -> Party:
    parties = (one for one in register.parties.values() if one.kind is PartyKind.PLATFORM_OPERATOR)
    seen = (one for one in parties if register.seen_by(one))
    return next(seen, register.fallback)


def _checked(names: Names) -> Names:
    return Names(checked_name(names.zh), checked_name(names.en))


def _over() -> NotFound:
    return NotFound(
        "Tocsin has been set up. Sign in, or ask an administrator.", "系统已完成初始设置，请登录或联系管理员"
    )
