"""The sentences of faults by their codes, in English and in Chinese. Names of keys and values stay as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.domain.community.duty_texts import DUTY_TEXTS
from cloud.domain.community.failure_texts import FAILURE_TEXTS
from cloud.domain.community.letter_texts import LETTER_TEXTS
from cloud.domain.community.node_change_texts import NODE_CHANGE_TEXTS
from cloud.domain.community.typed_texts import TYPED_TEXTS

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    **DUTY_TEXTS,
    **FAILURE_TEXTS,
    **LETTER_TEXTS,
    **NODE_CHANGE_TEXTS,
    **TYPED_TEXTS,
    # an electoral roll, and how it counts
    "roll-empty": ("no unit stands in it; write a row for each", "没有任何专有部分，请逐行填写"),
    "roll-unit-twice": (
        "unit {unit!r} stands in line {line} already; keep one row and name one owner to vote for it",
        "单元 {unit!r} 与第 {line} 行重复，请只保留一行，并指定一名业主行使表决权",
    ),
    "roll-owner-shared": (
        "owner {owner!r} has the member {member!r} in line {line}; one member signs in as one owner",
        "业主 {owner!r} 在第 {line} 行对应成员 {member!r}，每名业主只能对应一名成员",
    ),
    "roll-member-shared": (
        "member {member!r} stands for the owner {owner!r} in line {line}; one member is one head",
        "成员 {member!r} 在第 {line} 行已对应业主 {owner!r}，每名成员只能对应一名业主",
    ),
    "roll-member-unknown": (
        "nobody here is {name!r}; ask the member in first, or leave the cell empty",
        "没有成员 {name!r}，请先邀请其加入，或将此格留空",
    ),
    "share-unsound": (
        "{name}: a share lies between 0 and 1, and heads or area must matter; for example 1/2",
        "{name}：比例应在 0 与 1 之间，且人数与面积至少填写一项，例如 1/2",
    ),
    # an estate as it is described
    "party-serves-no-place": (
        "serves {area!r}, which is no place; add the place or correct the path",
        "服务范围 {area!r} 不是已知位置，请先添加该位置或改正路径",
    ),
    "place-unknown": (
        "place {place!r} does not exist; add it or correct the path",
        "位置 {place!r} 不存在，请添加或改正路径",
    ),
    "place-path": (
        "write lower-case letters, digits and hyphens, levels separated by '/'",
        "请用小写字母、数字和连字符，各级以“/”分隔",
    ),
    "place-in-nothing": ("add the place {outer!r} that it lies in", "请添加其上级位置 {outer!r}"),
    "place-too-large": (
        "a {kind} cannot lie in a {outer}; correct one of the two kinds",
        "类型 {kind} 不能位于 {outer} 内，请改正其中之一",
    ),
    "no-matrix-of-country": (
        "there is no default matrix for {region!r}, there is one for {known}; write the duties in the estate's file",
        "没有 {region!r} 的默认职责表，现有：{known}；请在小区文件中填写 duties",
    ),
    "no-phone-number": ("address: write a telephone number, 5 to 21 digits", "address：请填写 5 至 21 位的电话号码"),
    "no-mail-address": ("address: write an e-mail address", "address：请填写电子邮箱"),
    "no-address": ("address: write 1 to 256 characters without blanks", "address：请填写 1 至 256 个字符，不含空格"),
    "node-unknown": (
        "node {node!r} does not exist; add it under nodes or correct the name",
        "节点 {node!r} 不存在，请在 nodes 中添加或改正名称",
    ),
    "dates-not-of-a-lift": (
        "maintained_on and inspected_until are for lifts; take them out",
        "maintained_on 和 inspected_until 仅用于电梯，请删去",
    ),
    "party-unknown": (
        "party {party!r} does not exist; add it or correct the name",
        "单位 {party!r} 不存在，请添加或改正名称",
    ),
    "party-twice": ("party {party!r} is named twice; keep it once", "单位 {party!r} 重复，请只保留一次"),
    "thing-twice": (
        "{sort} {name!r} stands {count} times; keep one of them or rename the others",
        "{sort} {name!r} 出现 {count} 次，请保留其一或将其余改名",
    ),
    "estate-place": (
        "place {place!r} must be one of the places, of kind estate",
        "位置 {place!r} 应为 places 中类型为 estate 的一项",
    ),
    "fallback-unknown": (
        "fallback party {party!r} does not exist; name one of its parties",
        "兜底单位 {party!r} 不存在，请从本小区单位中指定",
    ),
    "fallback-external": (
        "fallback party {party!r} is external; name one that has members here",
        "兜底单位 {party!r} 是外部单位，请指定在此有成员的单位",
    ),
    "fallback-never-leads": (
        "fallback party {party!r} is a {kind}, which never leads; name another",
        "兜底单位 {party!r} 的类型 {kind} 不能牵头，请另行指定",
    ),
    "holidays-unknown": (
        "no public holidays are known for {region!r}; write a country like CN",
        "没有 {region!r} 的法定节假日，请填写国家代码，如 CN",
    ),
    "working-hours": (
        "working hours end before they begin; write them within one day",
        "工作时间的结束早于开始，请填写同一天内的时间",
    ),
    "zone-unknown": (
        "time zone {zone!r} is unknown; write one like Asia/Shanghai",
        "时区 {zone!r} 无效，请填写如 Asia/Shanghai",
    ),
    "arbitrate-within": (
        "arbitrate_within must be longer than nothing; write for example 30 min",
        "arbitrate_within 应大于零，请填写如 30 min",
    ),
    "arbiter-unknown": (
        "arbiter {party!r} does not exist; name one of its parties",
        "裁决单位 {party!r} 不存在，请从本小区单位中指定",
    ),
    "arbiter-kind": (
        "arbiter {party!r} is a {kind}, which decides for nobody; name another",
        "裁决单位 {party!r} 的类型 {kind} 不能裁决，请另行指定",
    ),
    "arbiter-empty": (
        "arbiter {party!r} has no member who could decide; add one or name another party",
        "裁决单位 {party!r} 没有可裁决的成员，请添加成员或另行指定",
    ),
    "known-otherwise-party": (
        "estate {estate!r} knows it with another kind, name or phone; say the same here, or give this one an id of its own",
        "小区 {estate!r} 中它的类型、名称或电话不同，请填写一致，或另用编号",
    ),
    "known-otherwise-member": (
        (
            "estate {estate!r} knows this id with another party, role, name or language; say the same here, or give this one"
            " an id of its own"
        ),
        "小区 {estate!r} 中此编号的单位、角色、姓名或语言不同，请填写一致，或另用编号",
    ),
    "estate-within": (
        "another estate lies at, in or around place {place!r}; give this one a place of its own",
        "位置 {place!r} 与另一小区重叠，请为本小区填写单独的位置",
    ),
    "membership-beyond": (
        "party {party!r} also serves an estate that is not yours: ask who administers all that it serves",
        "单位 {party!r} 还服务于您无权管理的小区，请由管理其全部小区的系统管理员添加",
    ),
    "channels-beyond": (
        "works for an estate that is not yours as well: leave the channels away, they are set by the member",
        "该成员还服务于您无权管理的小区，请勿填写联系方式，由其本人设置",
    ),
    "live-in-a-firm": (
        (
            "its residents {members} bear its name and see all that it serves. Add a party of kind household that serves the"
            " building or floor they live in, and make them members of that"
        ),
        "其住户 {members} 挂该单位名称，并可见其服务的全部范围。请添加 household 类单位（服务其所住楼栋或楼层），并将其登记在该住户下",
    ),
    "nobody-decides": (
        (
            "its arbiter {party!r} has no member here, so it is passed over when two parties refuse the lead, and who stands"
            " above or answers for the estate decides. Invite a member of {party!r}, or write under estate: arbiter: the id of"
            " a party that has members"
        ),
        (
            "裁决单位 {party!r} 在此没有成员，两个单位都不牵头时将跳过它，由上级或小区管理单位裁定。"
            "请邀请 {party!r} 的成员，或在 estate 下的 arbiter 填写有成员的单位"
        ),
    ),
    # offers and needs
    "posting-text": ("text: write 1 to {most} characters, not {long}", "说明应为 1 至 {most} 个字符，现为 {long} 个"),
    "posting-place": (
        "place: {place!r} is no place of this estate; see /api/v1/places",
        "位置 {place!r} 不属于本小区，请重新选择",
    ),
    # what cannot be read
    "and-more": ("and {more} more; correct these first", "另有 {more} 处，请先更正以上各处"),
    "not-yaml": (
        "{what}; look at indentation, colons and quotation marks there",
        "YAML 格式有误，请检查此处的缩进、冒号和引号",
    ),
    "not-yaml-here": ("{what}; correct the indentation or the quotes", "YAML 格式有误，请改正缩进或引号"),
    "not-yaml-at-all": ("{what}", "不是有效的 YAML 文件，请改正后重试"),
    "no-utf8": ("save it in UTF-8", "请以 UTF-8 编码保存"),
    "no-csv-text": ("save it as CSV in UTF-8", "请另存为 UTF-8 编码的 CSV"),
    "not-csv": ("{what}; save it anew as CSV", "CSV 格式有误，请重新另存为 CSV"),
    "no-heads": (
        "write the names of the columns first, as in the template",
        "请先在第一行写列名，见空白表格",
    ),
    "too-long": ("at most {most} rows; divide it", "最多 {most} 行，请拆分"),
    "file-name": ("call the file {known}, whichever it is", "无法判断内容，请按内容将文件命名为 {known} 之一"),
    "column-missing": ("it is missing; the columns are {known}", "缺少这一列；应有的列：{known}"),
    "column-unknown": ("nobody knows it; the columns are {known}", "没有这一列；可用的列：{known}"),
    "column-twice": ("it stands twice; remove one of the two", "这一列重复，请删去其一"),
    "no-heading": ("there is no heading above this cell", "此单元格上方没有列名"),
    "second-estate": ("bring in one estate at a time", "一次只能导入一个小区"),
    "credit-here": (
        "publish credit with `tocsin estate load`, and leave it out here",
        "积分标准请用 `tocsin estate load` 发布，此处请删去",
    ),
    "stands-already": (
        "{sort} {name!r} stands in {file}, line {line} already; keep one of them",
        "{sort} {name!r} 已在 {file} 第 {line} 行，请保留其一",
    ),
    # values
    "no-duration": (
        "{value!r} is no duration: write a number and s, min, h or d, for example 3 min",
        "{value!r} 不是时长，请写数字加 s、min、h 或 d，如 3 min",
    ),
    "no-party": (
        "{value!r} names no party: write a kind ({kinds}), party:<id>, or a phone number",
        "{value!r} 不是单位，请写类别（{kinds}）、party:<编号> 或电话号码",
    ),
    "no-target": (
        (
            "{value!r} names nobody: write a kind ({kinds}) or party:<id>, either with /<role> or without, roster:<id>,"
            " member:<id>, or a phone number"
        ),
        "{value!r} 未指明任何人，请写类别（{kinds}）或 party:<编号>（均可加 /<角色>）、roster:<编号>、member:<编号> 或电话号码",
    ),
    "number-with-role": (
        "{value!r}: a number has no roles; write the number alone",
        "{value!r}：电话号码不分角色，请只写号码",
    ),
    "no-role": (
        "{value!r}: {role!r} is no role; write one of {roles}",
        "{value!r}：没有角色 {role!r}，请写其一：{roles}",
    ),
    "no-wall-time": (
        "{value!r} is no time of day: write hours and minutes, for example 08:30",
        "{value!r} 不是时刻，请写时和分，如 08:30",
    ),
    "fill-in": ("fill this cell in", "此单元格必填"),
    "unknown-key": ("nobody knows this key; correct its spelling or remove it", "没有这一项，请删除或改正拼写"),
}
