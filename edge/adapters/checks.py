"""The doctor's instruments: each looks at one thing a node depends on, touches no output, and changes nothing."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from edge.adapters.adc import Mcp3008Reader
from edge.adapters.credentials import CredentialFolder
from edge.adapters.gpio import GpioBoard, open_pin_factory
from edge.adapters.outbox_check import FileLock
from edge.application.diagnose import Examined, Verdict
from edge.application.ports import Clock
from edge.application.wiring import Wiring
from edge.domain.analog import measured
from edge.errors import BoardError, BrokerError, ControllerError, EnrolmentError
from edge.settings import BoardSection, NodeSettings, OutboxSection
from schemas.equipment import ModbusController

_SLOW_FSYNC_S = 0.1
_SPARE_BYTES = 100_000_000
_TRIES = 5
_SOON_S = 14 * 86400.0
_OK, _WARNING, _FAILED, _SKIPPED = Verdict.OK, Verdict.WARNING, Verdict.FAILED, Verdict.SKIPPED


def agent_runs(outbox: Path) -> bool:
    """Whether an agent holds this node's outbox now."""
    return FileLock(outbox).is_held()


def look_at_clock(clock: Clock) -> Examined:
    now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(clock.wall()))
    if clock.synchronised():
        return Examined("clock", _OK, f"synchronised, {now}", f"时钟已同步, {now}")
    return Examined(
        "clock",
        _WARNING,
        f"not synchronised ({now}); readings are dated by the cloud until it is",
        f"时钟未同步 ({now}); 由云端推算时间",
        "install chrony or enable systemd-timesyncd, and allow NTP (UDP 123) to a server on the LAN",
        "安装 chrony 或启用 systemd-timesyncd, 并放行到局域网 NTP 服务器的 UDP 123",
    )


def look_at_disk(outbox: OutboxSection) -> Examined:
    folder = outbox.path.parent
    try:
        seconds = statistics.median(_fsync_s(folder) for _ in range(_TRIES))
        disk = os.statvfs(folder)
    except OSError as error:
        return Examined(
            "disk",
            _FAILED,
            f"{folder} cannot be written: {error.strerror}",
            f"{folder} 无法写入: {error.strerror}",
            f"make the folder and give it to the agent's user (mkdir, chown), free space (df -h {folder}), or check the card (dmesg)",
            "创建目录并检查属主、剩余空间 (df -h) 和存储卡 (dmesg)",
        )
    free, wanted = disk.f_bavail * disk.f_frsize, int(outbox.quota_mb * 1e6) + _SPARE_BYTES
    en, zh = f"{free / 1e9:.1f} GB free, a durable write takes {seconds * 1000:.1f} ms", f"剩余 {free / 1e9:.1f} GB"
    if free < wanted:
        todo = f"free {(wanted - free) / 1e6:.0f} MB, or lower [outbox] quota_mb"
        return Examined(
            "disk", _WARNING, f"{en}: less than the outbox may need", f"{zh}: 不足", todo, "清理空间或降低 quota_mb"
        )
    if seconds > _SLOW_FSYNC_S:
        return Examined(
            "disk",
            _WARNING,
            f"{en}: slow",
            f"{zh}, 写入缓慢",
            "use a better card, industrial grade or an SSD",
            "更换存储卡",
        )
    return Examined("disk", _OK, en, zh)


async def look_at_pins(board: BoardSection, wiring: Wiring, clock: Clock) -> list[Examined]:
    """Opens every input and converter, reads it once and says what it sees. Outputs are left alone."""
    try:
        factory = await asyncio.to_thread(open_pin_factory, board)
    except BoardError as error:
        todo = "start the board or its daemon, or correct [board] in node.toml"
        return [Examined("pins", _FAILED, str(error), "无法打开 GPIO", todo, "启动板卡或其守护进程, 或修改 [board]")]
    lines = GpioBoard(factory, clock, asyncio.get_running_loop())
    try:
        levels = lines.open_inputs(wiring.inputs, lambda *_: None)
        active = ", ".join(f"{item}.{name}" for (item, name), level in levels.items() if level) or "none"
        found = [
            Examined(
                "pins",
                _OK,
                f"{len(levels)} inputs read; active now: {active}",
                f"{len(levels)} 路输入正常; 当前有效: {active}",
            )
        ]
        return found + await asyncio.to_thread(_look_at_converters, wiring, factory)
    except BoardError as error:
        todo = "correct the pin in node.toml, or end whatever else uses the line (gpioinfo)"
        return [
            Examined(
                "pins",
                _FAILED,
                str(error),
                "引脚无法使用",
                todo,
                "修改 node.toml 的引脚, 或停止占用它的程序 (gpioinfo)",
            )
        ]
    finally:
        lines.close()
        factory.close()


async def look_at_controller(equipment: str, controller: ModbusController) -> Examined:
    from edge.adapters.modbus import ModbusLiftController

    what = f"modbus {equipment}"
    try:
        reader = ModbusLiftController(controller)
    except ControllerError as error:
        return Examined(what, _FAILED, str(error), "寄存器配置错误", "correct controller.registers", "修改 registers")
    try:
        registers = await reader.read()
    except ControllerError as error:
        todo = "check host, port, unit, cable and power of the controller"
        return Examined(what, _FAILED, str(error), "电梯控制器无应答", todo, "检查控制器地址、端口、单元号、网线和电源")
    finally:
        reader.close()
    said = f"answers: floor {registers['floor']}, service mode {registers['service_mode']}"
    return Examined(what, _OK, said, f"应答正常: 楼层 {registers['floor']}")


async def look_at_broker(settings: NodeSettings, clock: Clock, *, agent_runs: bool) -> Examined:
    from edge.adapters.mqtt import MqttBroker

    if agent_runs and settings.broker.credentials is not None:
        # A broker that goes by certificates knows one client by this name: it would end the agent's connection for ours.
        return Examined("broker", _SKIPPED, "the agent runs and holds the connection", "节点程序正在运行并占用连接")

    where = f"{settings.broker.host}:{settings.broker.port}"
    try:
        # Under a name of its own: the broker would end the agent's connection for a second one with the same.
        async with MqttBroker(settings.broker, settings.node.address, clock, role="doctor").connect(None):
            pass
    except BrokerError as error:
        return Examined(
            "broker",
            _FAILED,
            str(error),
            f"无法连接 MQTT 服务器 {where}",
            "check [broker] host, port, username, password_file and tls, and the firewall",
            "检查 [broker] 地址、端口、用户名、密码文件、证书和防火墙",
        )
    encrypted = settings.broker.tls is not None or settings.broker.credentials is not None
    plain = not encrypted and settings.broker.host not in ("127.0.0.1", "::1", "localhost")
    if plain:
        return Examined(
            "broker",
            _WARNING,
            f"{where} answers, without TLS",
            f"{where} 正常, 但未加密",
            "add tls to [broker]",
            "为 [broker] 配置 tls",
        )
    return Examined("broker", _OK, f"{where} lets this node in", f"{where} 连接正常")


def look_at_credential(folder: Path, clock: Clock) -> Examined:
    """Whether what the node was enrolled with is in its time: it should have been renewed a month before its end."""
    try:
        identity = CredentialFolder(folder).identity
    except EnrolmentError as error:
        todo = "ask the operator for a claim code: tocsin-edge enroll"
        return Examined("credential", _FAILED, str(error), "凭证无法读取", todo, "向运维人员索取登记码后重新登记")
    if identity is None:
        todo = "ask the operator for a claim code: tocsin-edge enroll"
        return Examined("credential", _FAILED, f"none in {folder}", "未登记", todo, "向运维人员索取登记码并登记")
    until = f"{identity.expires_at:%Y-%m-%d}"
    left_s = identity.expires_at.timestamp() - clock.wall()
    if left_s <= 0:
        todo = "if the clock is right, ask the operator for a claim code: tocsin-edge enroll"
        return Examined(
            "credential",
            _FAILED,
            f"it ended on {until}",
            f"已于 {until} 到期",
            todo,
            "如时钟无误, 请索取登记码重新登记",
        )
    if left_s < _SOON_S:
        todo = f"see that this node reaches {identity.cloud}: it renews itself there"
        return Examined(
            "credential",
            _WARNING,
            f"it ends on {until}, not renewed",
            f"{until} 到期, 未续期",
            todo,
            "检查到云端的网络",
        )
    return Examined("credential", _OK, f"{identity.estate}/{identity.node} until {until}", f"有效至 {until}")


def pins_skipped() -> Examined:
    return Examined(
        "pins",
        _SKIPPED,
        "the agent runs and holds the lines; stop it to have them looked at",
        "节点程序正在运行并占用引脚; 停止后可检查",
    )


def _look_at_converters(wiring: Wiring, factory: object) -> list[Examined]:
    if not wiring.channels:
        return []
    reader = Mcp3008Reader(wiring.channels, factory)
    try:
        found = []
        for equipment, inputs in wiring.analog.items():
            for name, wired in inputs.items():
                volts = reader.volts(wired.device, wired.channel)
                what, said = f"analog {equipment}.{name}", f"{volts:.2f} V"
                value = measured(wired, volts)
                if value is None:
                    todo = "check the wire, the sensor's supply and the burden resistor"
                    found.append(
                        Examined(
                            what,
                            _FAILED,
                            f"{said}: open or shorted circuit",
                            f"{said}: 断线或短路",
                            todo,
                            "检查接线和供电",
                        )
                    )
                else:
                    found.append(Examined(what, _OK, f"{said}, which means {value:g}", f"{said}, 即 {value:g}"))
        return found
    finally:
        reader.close()


def _fsync_s(folder: Path) -> float:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(os.urandom(4096))
        file.flush()
        began = time.perf_counter()
        os.fsync(file.fileno())
        return time.perf_counter() - began
