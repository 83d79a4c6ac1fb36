"""Where somebody lives, his passport, his car, a rarer name and a mistyped address are personal however they are written;
what is counted, and a whole building, is not (domain §8.2)."""

import pytest

from delivery.redaction import redact


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("5号楼1203漏水", "5号楼［门牌］漏水"), ("5号楼 1203 室", "5号楼 ［门牌］"), ("G2栋320，一家影楼", "G2栋［门牌］，一家影楼"),
        ("12栋1504、1505业主", "12栋［门牌］业主"), ("3栋1203、86622123", "3栋［门牌］、86622123"), ("五号楼二单元三零二漏水", "五号楼［门牌］漏水"), ("五号楼一二零三漏水", "五号楼［门牌］漏水"),
        ("3栋2单元502室漏水", "3栋［门牌］漏水"), ("2单元1203户漏水", "［门牌］漏水"), ("2单元5号", "［门牌］"),
        ("五零二室", "［门牌］"), ("411号房间有人丢垃圾", "［门牌］间有人丢垃圾"), ("我住3-2-502", "我住［门牌］"),
        ("护照E12345678", "护照［证件］"), ("护照号码：EA1234567", "护照号码：［证件］"), ("passport No. G 1234 5678.", "passport No. ［证件］."),
        ("车 京 a 12345 挡路", "车 ［车牌］ 挡路"), ("沪a·d12345", "［车牌］"), ("粤B-D12345", "［车牌］"), ("京A 123 45", "［车牌］"),
        ("我叫覃小明，灯不亮", "我叫［姓名］，灯不亮"), ("我叫肖强是业主", "我叫［姓名］是业主"), ("联系人：付强", "联系人：［姓名］"),
        ("申请人：  盛白玉 ", "申请人：  ［姓名］ "), ("我叫阿不都·热合曼，灯不亮", "我叫［姓名］，灯不亮"),
        ("回复zhang@qq。com", "［邮箱］"), ("zhang@163。com。cn 收", "［邮箱］ 收"),
    ],
)  # fmt: skip
def test_what_is_personal_is_taken_out_and_no_more(text: str, left: str) -> None:
    assert redact(text).text == left


@pytest.mark.parametrize(
    "text",
    [
        "五号楼二单元电梯坏了", "2单元3楼电梯坏了", "1单元2单元都停电", "二单元十二层", "3单元12户停电", "5栋200户停电", "44栋724户及会所",
        "5栋2019年建", "A座2020年竣工", "6栋100人", "3栋105m2户型", "9栋105号门面", "9栋106、108号门面", "购置1-2-245号商铺", "两栋三十二层", "一百二十三室",
        "第三教室", "字第2019-1728号房地产估价", "2-1-2019", "10-12-120米", "护照丢了，办理要10天", "苏 android 手机", "新A3区", "云A座",
        "我叫单位的人来", "我叫保安，他不来", "我叫物业的人", "我叫师傅来修", "我叫房东在家等", "我叫车来", "我叫了三次", "请加@qq。谢谢大家",
    ],
)  # fmt: skip
def test_what_is_counted_built_or_called_stays(text: str) -> None:
    assert redact(text).text == text
