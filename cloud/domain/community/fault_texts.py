"""The sentences of faults by their codes, in English and in Chinese. Names of keys and values stay as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.domain.community.typed_texts import TYPED_TEXTS

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # an electoral roll
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
    # a matrix of duties
    "duty-place": (
        "place {place!r} does not exist; add it, correct the path, or leave it out",
        "位置 {place!r} 不存在，请添加、改正或省略",
    ),
    "duty-twice": (
        "{sort} {name!r} stands twice; keep one of them or rename the other",
        "{sort} {name!r} 重复，请保留其一或改名",
    ),
    "tto-over-ttr": (
        "tto is longer than ttr; nobody can resolve before owning, so shorten tto",
        "响应时限长于处置时限，未响应前无法处置，请缩短 tto",
    ),
    "reference-unknown": (
        "{ref} is nobody in this estate; add the party or correct the reference",
        "本小区没有 {ref}，请添加该单位或改正",
    ),
    "row-said-twice": (
        "{pattern} at the same place, hours and severity is said by {other!r} too; remove one",
        "{pattern} 在相同位置、时间和级别上与职责 {other!r} 重复，请删去其一",
    ),
    "stranger-on-roster": (
        "{member!r} is no member of party {party!r}; add them or correct the name",
        "{member!r} 不是单位 {party!r} 的成员，请先添加或改正",
    ),
    "no-lead": ("nobody leads; name a lead", "没有牵头单位，请写明 lead"),
    "never-leads": (
        "{named}a {kind} never leads{but}; let it support, and name another lead",
        "{named}类型 {kind} 不能牵头{but}，请改为协办并另写牵头单位",
    ),
    "never-enters": (
        "{ref} never enters where it burns; let it observe, or take it out of this row",
        "{ref} 不得进入火场，请改为知会或从此行删去",
    ),
    "limits": (
        "{ref} is to accept or be on site later than to be done; shorten that or lengthen finish",
        "{ref} 的接受或到场时限晚于完成时限，请缩短，或延长 finish",
    ),
    "share-unsound": (
        "{name}: a share lies between 0 and 1, and heads or area must matter; for example 1/2",
        "{name}：比例应在 0 与 1 之间，且人数与面积至少填写一项，例如 1/2",
    ),
    "like-unknown": ("like must name one of the rows there are: {rows}", "like 应为现有的一行：{rows}"),
    "repeats-too-often": (
        (
            "the step after {delay} calls again {often}; for {hazards}, where no life is at stake, that ends after {most} times"
            " and the task goes one level up. Write times: {most}, or give them a row of their own"
        ),
        "{delay} 后的步骤会{often}重复呼叫；{hazards} 不危及生命，呼叫 {most} 次后即停止并上报一级。请填写 times: {most}，或另立一行",
    ),
    "emergency-not-grave": (
        (
            "the step after {delay} says emergency, which is for life safety alone; for {hazards} it is sent as high. Write"
            " importance: high, or give them a row of their own"
        ),
        "{delay} 后的步骤标为 emergency，仅限危及生命的险情；{hazards} 将按 high 发送。请填写 importance: high，或另立一行",
    ),
    "call-sheet-late": (
        "its call sheet is wanted after {wanted}; for {hazards} it sounds after {latest} at the latest. Write after: {write}, or less",
        "电话清单原定 {wanted} 后响起；涉及生命安全的 {hazards} 最迟 {latest} 后响起，请写 after: {write} 或更短",
    ),
    "call-sheet-rare": (
        "its call sheet is wanted every {wanted}; for {hazards} it is said every {latest}. Write every: {write}, or less",
        "电话清单原定每 {wanted} 一次；涉及生命安全的 {hazards} 每 {latest} 一次，请写 every: {write} 或更短",
    ),
    "nobody-to-phone": (
        (
            "its ladder calls without end and names nobody to phone; for {hazards} a call sheet is added: {added}. Write"
            " call_sheet: true and the numbers into the step that repeats"
        ),
        "升级步骤无限重复而没有可拨打的电话；对 {hazards} 已添加呼叫单：{added}。请在重复的步骤中填写 call_sheet: true 和号码",
    ),
    "way-outside-towns": (
        (
            "for {hazards} its lead has {minutes} min to be on site, here outside towns too, where the default matrix gives 60 min."
            " Write arrive_outside_towns: 60 min, or {minutes} min if that is meant"
        ),
        "{hazards} 的到场时限为 {minutes} 分钟；本小区由乡镇管辖，默认矩阵为 60 分钟。请填写 arrive_outside_towns: 60 min，如确需 {minutes} 分钟则填写该值",
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
    # whom a step of a ladder calls
    "roster-unknown": (
        "{target} is no roster of this estate; make it, or name one that there is: {there}",
        "本小区没有值班表 {target}，请先建立，或改为已有的：{there}",
    ),
    "member-unknown": (
        "{target} is no member here; add them, or correct the id",
        "本小区没有成员 {target}，请先添加或改正",
    ),
    "household-only": (
        "{target} is called for their own household only; name somebody who acts for a party",
        "{target} 是居民，只因自家的事被呼叫，请改写代表单位的成员",
    ),
    "external-target": ("{target} has no members here; name it by its number", "{target} 在此没有成员，请写其电话号码"),
    "target-never-enters": (
        "{target} never enters where it burns; let the party observe, or take it out of this row",
        "{target} 不得进入火场，请将该单位改为知会，或从本行删去",
    ),
    "target-nobody": (
        (
            "{target} is nobody here ({why}), so the ladder passes it and goes on at once; name somebody else, or add"
            " them"
        ),
        "{target} 在此无人（{why}），升级时将跳过，请改写他人或补充人员",
    ),
    # rosters
    "roster-parts": (
        "more than {most} rotations and shifts; divide it into several rosters",
        "轮值和班次超过 {most} 个，请分成几个值班表",
    ),
    "roster-overrides": (
        "more than {most} overrides; remove those that are over",
        "替班超过 {most} 个，请删除已结束的",
    ),
    "participants": ("name 1 to {most} participants", "请选择 1 至 {most} 名轮值人员"),
    "turn-length": ("a turn lasts 1 to {most} days, not {days}", "每轮为 1 至 {most} 天，不能是 {days} 天"),
    "shift-members": ("name 1 to {most} members", "请选择 1 至 {most} 名值班人员"),
    "shift-days": ("days are 1 (Monday) to 7 (Sunday), at least one", "请至少选择星期中的一天（1 为周一，7 为周日）"),
    "shift-order": ("its last day lies before its first; exchange them", "结束日早于开始日，请对调"),
    "override-order": ("it ends before it begins; give an end after its start", "结束早于开始，请改正结束时间"),
    "override-long": ("it lasts longer than {most} days; change the roster itself", "超过 {most} 天，请修改值班表本身"),
    "override-members": ("name 1 to {most} members", "请选择 1 至 {most} 名替班人员"),
    "replaces-nobody": (
        "replaces: {member!r} is on no turn or shift of this roster; correct the name",
        "{member!r} 不在此值班表的轮值或班次中，请改正",
    ),
    **TYPED_TEXTS,
    # offers and needs
    "posting-text": ("text: write 1 to {most} characters, not {long}", "说明应为 1 至 {most} 个字符，现为 {long} 个"),
    "posting-place": (
        "place: {place!r} is no place of this estate; see /api/v1/places",
        "位置 {place!r} 不属于本小区，请重新选择",
    ),
    # what cannot be read
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
    # a change to several nodes
    "change-unknown-key": (
        "{key!r}: a change has the keys document and rules; write it under one of them",
        "{key!r}：更改只有 document 和 rules 两项，请写在其中之一",
    ),
    "change-no-document": (
        "document: write keys and values that are merged into each node's document",
        "document：请填写要合并到各节点配置的键和值",
    ),
    "change-of-its-own": (
        "document: {key} is each node's own and cannot be the same for several; change it at the node",
        "document：{key} 因节点而异，不能批量修改，请在该节点修改",
    ),
    "change-rule-shape": (
        "rules, entry {number}: write the hazard or the rule's name and what to set, for example {{rule: held-open, set: {{on_delay_s: 90}}}}",
        "rules 第 {number} 项：请填写 hazard 或 rule，以及 set，如 {{rule: held-open, set: {{on_delay_s: 90}}}}",
    ),
    "change-rule-hazard": (
        "rules, entry {number}: there is no hazard {hazard!r}; correct its name",
        "rules 第 {number} 项：没有险情 {hazard!r}，请改正名称",
    ),
    "change-rule-fixed": (
        "rules, entry {number}: {key} says which rule it is and cannot be set",
        "rules 第 {number} 项：{key} 用于识别规则，不能修改",
    ),
    "change-empty": ("it changes nothing; write document or rules", "没有任何更改，请填写 document 或 rules"),
    "node-chosen-none": ("no node is chosen; choose at least one", "未选择节点，请至少选择一个"),
    "node-chosen-many": (
        "{count} nodes are chosen; at most {most} are changed at once, choose fewer",
        "已选 {count} 个节点，一次最多更改 {most} 个，请减少",
    ),
    "node-moved-on": (
        "it is at version {now}, not at {seen} as when it was checked; check again",
        "现为版本 {now}，检查时为 {seen}，请重新检查",
    ),
    "unknown-key": ("nobody knows this key; correct its spelling or remove it", "没有这一项，请删除或改正拼写"),
}
